package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
)

// writeFile puts what draw writes into the file at path, whole or not at
// all: to a temporary file beside it, to the disk, and then under its name.
func writeFile(path string, draw func(w io.Writer) error) error {
	var data bytes.Buffer
	if err := draw(&data); err != nil {
		return &fileError{"write", path, err}
	}
	if err := replaceFile(path, data.Bytes()); err != nil {
		return &fileError{"write", path, err}
	}
	return nil
}

func replaceFile(path string, data []byte) (err error) {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ".capsim-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if _, err = f.Write(data); err != nil {
		return err
	}
	if err = f.Chmod(0o644); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncDir(dir)
}

// syncDir makes a rename in the folder last.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
