package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"syscall"

	"github.com/capsim/capsim/topologies"
)

// diskFiles gives topologies the file system, and remembers what was read,
// so that no report is written over it. "-" is standard input.
type diskFiles struct {
	stdin io.Reader
	read  []input
	sums  map[string][]byte // by name: the hash of what was read of it
}

// input is a file that was read.
type input struct {
	name string
	info fs.FileInfo
}

// Open opens a regular file, without waiting for the other end of a pipe.
func (d *diskFiles) Open(name string) (io.ReadCloser, error) {
	if name == "-" {
		return d.summed(name, io.NopCloser(d.stdin)), nil
	}
	info, err := os.Stat(name)
	if err != nil {
		return nil, withoutTricks(err)
	}
	switch {
	case info.IsDir():
		return nil, topologies.ErrDirectory
	case !info.Mode().IsRegular():
		return nil, topologies.ErrIrregular
	}
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, withoutTricks(err)
	}
	d.read = append(d.read, input{name, info})
	return d.summed(name, f), nil
}

// summedReader hashes what is read.
type summedReader struct {
	io.ReadCloser
	sum   hash.Hash
	close func(sum []byte)
}

func (d *diskFiles) summed(name string, in io.ReadCloser) io.ReadCloser {
	return &summedReader{in, sha256.New(), func(sum []byte) {
		if d.sums == nil {
			d.sums = map[string][]byte{}
		}
		d.sums[name] = sum
	}}
}

func (r *summedReader) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	r.sum.Write(p[:n])
	return n, err
}

func (r *summedReader) Close() error {
	r.close(r.sum.Sum(nil))
	return r.ReadCloser.Close()
}

// digestSize is how many bytes of a hash are told.
const digestSize = 16

// digest tells the files that were read from others, wherever they stand.
func (d *diskFiles) digest() string {
	all := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(d.sums)) {
		all.Write(d.sums[name])
	}
	return fmt.Sprintf("sha256:%x", all.Sum(nil)[:digestSize])
}

// inputAt returns the name of the input that a path leads to, if it does.
func (d *diskFiles) inputAt(path string) (name string, found bool) {
	info, err := os.Stat(path)
	if err != nil {
		return "", false
	}
	for _, in := range d.read {
		if os.SameFile(in.info, info) {
			return in.name, true
		}
	}
	return "", false
}

// withoutTricks makes names that no file can have "no such file".
func withoutTricks(err error) error {
	if errors.Is(err, syscall.ENAMETOOLONG) || errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.EINVAL) {
		return fs.ErrNotExist
	}
	return err
}

// List returns the names in a directory, for "did you mean".
func (d *diskFiles) List(directory string) []string {
	f, err := os.Open(directory)
	if err != nil {
		return nil
	}
	defer f.Close()
	const enough = 10_000
	names, err := f.Readdirnames(enough)
	if err != nil {
		return nil
	}
	return names
}
