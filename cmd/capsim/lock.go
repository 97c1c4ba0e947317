package main

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"

	"github.com/capsim/capsim/models/kind"
)

// lockName is the file in the folder of a report that says that somebody is
// at work there.
const lockName = ".capsim.lock"

// errTaken says that another process has the lock.
var errTaken = errors.New("another capsim is at work on a report there")

// lock keeps a folder for one process. It is an advisory lock of the system
// on a file: one that died holds nothing, whatever it left behind.
type lock struct {
	file *os.File
	made string // the topmost folder that had to be made, "" if none
	dir  string
}

// maxLockTries is how often the file may be removed by others between opening
// and locking it.
const maxLockTries = 1000

// takeLock makes a folder, if there is none, and takes its lock, or fails at
// once.
func takeLock(dir string) (*lock, error) {
	l := &lock{dir: dir}
	for range maxLockTries {
		if l.made == "" {
			l.made = missing(dir)
		}
		if err := os.MkdirAll(dir, 0o777); err != nil {
			if _, missed := os.Stat(dir); errors.Is(missed, os.ErrNotExist) && (errors.Is(err, os.ErrExist) || errors.Is(err, os.ErrNotExist)) {
				continue // somebody removed what had just been made
			}
			l.release()
			return nil, err
		}
		again, err := l.try()
		if err == nil && !again {
			return l, nil
		}
		if err != nil {
			l.release()
			return nil, err
		}
	}
	l.release()
	return nil, errTaken
}

// try takes the lock. again says that somebody who had it removed the file, or
// the folder, in between.
func (l *lock) try() (again bool, err error) {
	path := filepath.Join(l.dir, lockName)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|syscall.O_NONBLOCK, 0o666)
	if errors.Is(err, os.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	err = flock(f)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		f.Close()
		return false, errTaken
	}
	ours, statErr := f.Stat()
	there, thereErr := os.Stat(path)
	if statErr != nil || thereErr != nil || !os.SameFile(ours, there) {
		f.Close()
		return true, nil
	}
	// Some file systems know no locks; there the folder is not kept.
	l.file = f
	return false, nil
}

func flock(f *os.File) error {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

// release gives the folder up and leaves nothing of the lock, nor folders
// that were made for a report that was not written.
func (l *lock) release() {
	if l.file != nil {
		os.Remove(filepath.Join(l.dir, lockName)) // while it is held, so that nobody else's goes
		l.file.Close()
	}
	if l.made == "" {
		return
	}
	for dir := l.dir; os.Remove(dir) == nil && dir != l.made; {
		dir = filepath.Dir(dir)
	}
}

// missing is the topmost of the folders on the way to one that do not exist,
// "" if all do.
func missing(dir string) string {
	top := ""
	for {
		if _, err := os.Stat(dir); err == nil || filepath.Dir(dir) == dir {
			return top
		}
		top, dir = dir, filepath.Dir(dir)
	}
}

// reserve takes the lock of a folder for a report, "" for none, and notes why
// it cannot be had.
func (a *app) reserve(dir string, report *kind.Report) (release func()) {
	if dir == "" {
		return func() {}
	}
	l, err := takeLock(dir)
	if err == nil {
		return l.release
	}
	a.blocked = true
	d := kind.Diagnostic{Code: "E804", Pos: argPos(a.line.at("--out")), Key: "--out",
		Message: "the report cannot be written to " + kind.QuoteText(dir) + ": " + reason(err).Error(),
		Hint:    "choose another folder, or --out - for no files"}
	if errors.Is(err, errTaken) {
		d.Hint = "wait for it, or choose another folder"
	}
	report.Add(d)
	return func() {}
}
