package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/capsim/capsim/internal/study"
	"github.com/capsim/capsim/models/node"
)

func TestStatusOfErrors(t *testing.T) {
	full := &fs.PathError{Op: "write", Path: ".result.json.77-0", Err: syscall.ENOSPC}
	renamed := &os.LinkError{Op: "rename", Old: ".result.json.77-0", New: "result.json", Err: syscall.EIO}
	for _, tt := range []struct {
		err    error
		status int
		says   string
	}{
		{nil, 0, ""},
		{&exitError{status: exitMissed}, 1, ""},
		{&exitError{exitInterrupted, errors.New("interrupted")}, 130, "capsim: interrupted\n"},
		{&node.LimitError{What: "events", Limit: 9}, 3, "capsim: a limit was reached: events: the limit is 9\n"},
		{&fileError{"write", "out/result.json", full}, 4, "capsim: cannot write out/result.json: no space left on device\n"},
		{&fileError{"write", "out/result.json", renamed}, 4, "capsim: cannot write out/result.json: input/output error\n"},
		{&fileError{"create", "out/\x1b[2J", full}, 4, "capsim: cannot create \"out/\\u{001B}[2J\": no space left on device\n"},
		{&node.AssertionError{Node: "web", Law: "conservation"}, 70, "capsim: assertion failed: web: conservation"},
		{&study.CrashError{Cause: "broken", Stack: []byte("stack")}, 70, "capsim: panic: broken"},
	} {
		var stderr bytes.Buffer
		assert.Equal(t, tt.status, status(tt.err, &stderr))
		assert.True(t, strings.HasPrefix(stderr.String(), tt.says), stderr.String())
		assert.Equal(t, tt.says == "", stderr.Len() == 0)
		assert.Equal(t, tt.status == exitAssertion, strings.Contains(stderr.String(), "This is a defect of capsim"))
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { panic("broken") }

func TestAPanicIsADefectAndNotWrongInput(t *testing.T) {
	var stdout, stderr bytes.Buffer
	assert.Equal(t, exitAssertion, run([]string{"check", "-"}, brokenReader{}, &stdout, &stderr))
	assert.Empty(t, stdout.String())
	assert.Contains(t, stderr.String(), "capsim: broken\nThis is a defect of capsim")
}
