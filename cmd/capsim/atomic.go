package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// replaceFiles puts new files into a folder, each whole or not at all: first
// all of them under temporary names, to the disk, and only when none can
// fail for want of room are they given their names. After an error no
// temporary file is left, and files that were not replaced are as before.
func replaceFiles(dir string, files []file) (err error) {
	staged := make([]string, 0, len(files))
	folders, created, err := createFolders(dir, files)
	defer func() {
		for _, temporary := range staged {
			os.Remove(temporary) // on success they have been renamed, and there is none
		}
		for _, folder := range created {
			os.Remove(folder) // on success there are files in it, and it stays
		}
	}()
	if err != nil {
		return err
	}
	for _, f := range files {
		temporary, err := stage(filepath.Join(dir, filepath.Dir(f.name)), f)
		if temporary != "" {
			staged = append(staged, temporary)
		}
		if err != nil {
			return &fileError{"write", filepath.Join(dir, f.name), err}
		}
	}
	for i, f := range files {
		path := filepath.Join(dir, f.name)
		if err := os.Rename(staged[i], path); err != nil {
			return &fileError{"write", path, err}
		}
	}
	for _, folder := range append(folders, dir) {
		if err := syncDir(folder); err != nil {
			return &fileError{"write", folder, err}
		}
	}
	return nil
}

// createFolders creates the folders inside of dir that files are in, and tells
// which of them are new.
func createFolders(dir string, files []file) (folders, created []string, err error) {
	for _, f := range files {
		folder := filepath.Join(dir, filepath.Dir(f.name))
		if folder == filepath.Clean(dir) || slices.Contains(folders, folder) {
			continue
		}
		switch err := os.Mkdir(folder, 0o777); {
		case err == nil:
			created = append(created, folder)
		case !errors.Is(err, fs.ErrExist):
			return nil, created, &fileError{"create", folder, err}
		}
		folders = append(folders, folder)
	}
	return folders, created, nil
}

// stage writes a file under a temporary name and returns that, if there is
// such a file now.
func stage(dir string, f file) (temporary string, err error) {
	out, err := createTemporary(dir, filepath.Base(f.name))
	if err != nil {
		return "", err
	}
	_, err = out.Write(f.data)
	if err == nil {
		err = out.Sync()
	}
	if closing := out.Close(); err == nil {
		err = closing
	}
	return out.Name(), err
}

// createTemporary creates a file that nobody else uses, with the permissions
// that the user's files have (those of os.CreateTemp are narrower).
func createTemporary(dir, name string) (*os.File, error) {
	for n := 0; ; n++ {
		temporary := filepath.Join(dir, fmt.Sprintf(".%s.%d-%d", name, os.Getpid(), n))
		out, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		return out, err
	}
}

// syncDir makes the names in a folder last.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if closing := d.Close(); err == nil {
		err = closing
	}
	return err
}
