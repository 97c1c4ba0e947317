package result

import (
	"cmp"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// largestFigure is far beyond any time, size, rate or price of a document.
// What is larger could not be drawn, and no run writes it.
const largestFigure = 1e18

// flawed is what has to be whole for reasons of its own.
type flawed interface{ flaw() string }

// flawOf says what no capsim could have written into a document, "" if there
// is nothing: what draws it then need not look.
func flawOf(document any) string {
	return flawAt(reflect.ValueOf(document), "")
}

// flawAt is the same of a part of it, of which the path leads there.
func flawAt(v reflect.Value, path string) string {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return ""
		}
		return flawAt(v.Elem(), path)
	case reflect.Struct:
		return structFlaw(v, path)
	case reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return cmp.Compare(a.String(), b.String()) })
		for _, key := range keys {
			if flaw := elementFlaw(v.MapIndex(key), joined(path, key.String())); flaw != "" {
				return flaw
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if flaw := elementFlaw(v.Index(i), joined(path, strconv.Itoa(i))); flaw != "" {
				return flaw
			}
		}
	case reflect.Float64:
		if math.Abs(v.Float()) > largestFigure {
			return fmt.Sprintf("%s is %g", quote(path), v.Float())
		}
	case reflect.Int:
		if v.Int() < 0 {
			return quote(path) + " is negative"
		}
	}
	return ""
}

// elementFlaw is that of an entry of a map or a list: it must be there. Single
// numbers need not be.
func elementFlaw(v reflect.Value, path string) string {
	if v.Kind() == reflect.Pointer && v.IsNil() && v.Type().Elem().Kind() == reflect.Struct {
		return quote(path) + " is null"
	}
	return flawAt(v, path)
}

func structFlaw(v reflect.Value, path string) string {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		at := path
		if !field.Anonymous {
			at = joined(path, name)
		}
		if flaw := flawAt(v.Field(i), at); flaw != "" {
			return flaw
		}
	}
	whole, ok := v.Interface().(flawed)
	if !ok && v.CanAddr() {
		whole, ok = v.Addr().Interface().(flawed)
	}
	if !ok {
		return ""
	}
	flaw := whole.flaw()
	switch {
	case flaw == "" || path == "":
		return flaw
	}
	return quote(path) + ": " + flaw
}

func joined(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func (e Estimate) flaw() string {
	if e.HalfWidth != nil && *e.HalfWidth < 0 {
		return "its interval is negative"
	}
	return ""
}
