package sim

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
)

// Fingerprint hashes results in integer form, so that two runs can be told
// to be the same without comparing them.
type Fingerprint struct {
	h   hash.Hash
	buf [8]byte
}

// NewFingerprint returns an empty fingerprint.
func NewFingerprint() *Fingerprint { return &Fingerprint{h: sha256.New()} }

// Add folds numbers in.
func (f *Fingerprint) Add(values ...uint64) {
	for _, v := range values {
		binary.LittleEndian.PutUint64(f.buf[:], v)
		f.h.Write(f.buf[:])
	}
}

// AddString folds a text in, with its length.
func (f *Fingerprint) AddString(s string) {
	f.Add(uint64(len(s)))
	f.h.Write([]byte(s))
}

// String returns the first 128 bits in hexadecimal.
func (f *Fingerprint) String() string { return hex.EncodeToString(f.h.Sum(nil)[:16]) }
