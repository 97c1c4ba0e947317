package main

import (
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
)

// The file of the lock is made and removed all the time; at no moment do two
// hold it, and in the end no file is left.
func TestALockIsHeldByOneAtATime(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b", "c")
	var held, taken atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 300 {
				l, err := takeLock(dir)
				if err != nil {
					assert.ErrorIs(t, err, errTaken)
					continue
				}
				taken.Add(1)
				assert.EqualValues(t, 1, held.Add(1))
				held.Add(-1)
				l.release()
			}
		})
	}
	wg.Wait()
	assert.Positive(t, taken.Load())
	assert.NoFileExists(t, filepath.Join(dir, lockName))
}

func TestFoldersThatWereMadeForNothingAreRemoved(t *testing.T) {
	top := filepath.Join(t.TempDir(), "a")
	l, err := takeLock(filepath.Join(top, "b", "c"))
	assert.NoError(t, err)
	l.release()
	_, err = os.Stat(top)
	assert.ErrorIs(t, err, os.ErrNotExist)
}

func TestALockedFolderKeepsWhatIsInIt(t *testing.T) {
	dir := t.TempDir()
	kept := filepath.Join(dir, "result.json")
	assert.NoError(t, os.WriteFile(kept, []byte("{}"), 0o666))
	l, err := takeLock(dir)
	assert.NoError(t, err)
	_, err = takeLock(dir)
	assert.ErrorIs(t, err, errTaken)
	l.release()
	assert.FileExists(t, kept)
	assert.NoFileExists(t, filepath.Join(dir, lockName))
}
