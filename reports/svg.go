package reports

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// svgElements are what gonum draws with, and the attributes that are kept.
// Anything else is an error: a page must not hold what nobody has looked at.
var svgElements = map[string][]string{
	"g":    {"transform"},
	"path": {"d"},
	"text": {"x", "y", "transform"},
}

// svgProperties are the parts of a style attribute that become attributes of
// their own. The lettering is the same throughout and stands at the root.
var svgProperties = map[string]bool{
	"fill": true, "fill-opacity": true, "stroke": true, "stroke-opacity": true, "stroke-width": true,
	"stroke-dasharray": true, "stroke-dashoffset": true, "font-size": true,
	"font-family": false, "font-variant": false, "font-weight": false, "font-style": false,
}

// lettering is Liberation Sans, by which gonum measures, and its metric twins.
const lettering = "Liberation Sans, Arimo, Arial, Helvetica, sans-serif"

// restyled rewrites gonum's SVG: style attributes, which a strict
// Content-Security-Policy blocks and a style sheet cannot overrule, become
// presentation attributes and classes; coordinates are rounded to a tenth of a
// point, so that the last digit of a processor's arithmetic does not show;
// title becomes the accessible name, and titles are those of the surfaces, by
// their number.
func restyled(drawn []byte, class, title string, titles map[int]string) (string, error) {
	r := &restyler{decoder: xml.NewDecoder(bytes.NewReader(drawn)), titles: titles, class: class}
	for {
		token, err := r.decoder.Token()
		if errors.Is(err, io.EOF) {
			return r.out.String(), nil
		}
		if err != nil {
			return "", err
		}
		switch t := token.(type) {
		case xml.StartElement:
			err = r.start(t, title)
		case xml.EndElement:
			r.end(t)
		case xml.CharData:
			if r.inText {
				err = xml.EscapeText(&r.out, t)
			}
		}
		if err != nil {
			return "", err
		}
	}
}

// A restyler writes the new SVG while it reads the old one.
type restyler struct {
	decoder  *xml.Decoder
	out      bytes.Buffer
	inText   bool
	titles   map[int]string
	class    string // of the root
	surfaces int
}

func (r *restyler) start(e xml.StartElement, title string) error {
	if e.Name.Local == "svg" {
		return r.root(e, title)
	}
	kept, ok := svgElements[e.Name.Local]
	if !ok {
		return fmt.Errorf("svg: unexpected element %q", e.Name.Local)
	}
	r.inText = e.Name.Local == "text"
	r.out.WriteString("<" + e.Name.Local)
	surface := e.Name.Local == "path"
	for _, a := range e.Attr {
		switch {
		case a.Name.Local == "style":
			if err := r.style(a.Value); err != nil {
				return err
			}
			surface = surface && !strings.Contains(a.Value, "fill:none")
		case slices.Contains(kept, a.Name.Local):
			r.attribute(a.Name.Local, rounded(a.Value))
		default:
			return fmt.Errorf("svg: unexpected attribute %q of %s", a.Name.Local, e.Name.Local)
		}
	}
	r.out.WriteByte('>')
	if !surface {
		return nil
	}
	r.surfaces++
	if words := r.titles[r.surfaces-1]; words != "" {
		return r.title(words)
	}
	return nil
}

// title writes what is to be read under the pointer.
func (r *restyler) title(words string) error {
	r.out.WriteString("<title>")
	err := xml.EscapeText(&r.out, []byte(words))
	r.out.WriteString("</title>")
	return err
}

// root writes the outermost element, which grows and shrinks with the page.
func (r *restyler) root(e xml.StartElement, title string) error {
	i := slices.IndexFunc(e.Attr, func(a xml.Attr) bool { return a.Name.Local == "viewBox" })
	if i < 0 {
		return errors.New("svg: no viewBox")
	}
	r.out.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" role="img"`)
	r.attribute("class", r.class)
	r.attribute("viewBox", e.Attr[i].Value)
	r.attribute("font-family", lettering)
	r.out.WriteByte('>')
	err := r.title(title)
	r.out.WriteByte('\n')
	return err
}

// style writes the properties of a style attribute as attributes, and its
// colours as classes too.
func (r *restyler) style(declarations string) error {
	var classes []string
	for declaration := range strings.SplitSeq(declarations, ";") {
		name, value, _ := strings.Cut(declaration, ":")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		wanted, known := svgProperties[name]
		switch {
		case name == "":
			continue
		case !known:
			return fmt.Errorf("svg: unexpected property %q", name)
		case !wanted:
			continue
		}
		if s, ok := swatchOf(value); ok {
			value = hex(s.color)
			classes = append(classes, name+"-"+s.class)
		}
		if name == "font-size" {
			value = strings.TrimSuffix(value, "px")
		}
		r.attribute(name, value)
	}
	if len(classes) > 0 {
		r.attribute("class", strings.Join(classes, " "))
	}
	return nil
}

func (r *restyler) end(e xml.EndElement) {
	r.inText = false
	r.out.WriteString("</" + e.Name.Local + ">\n")
}

func (r *restyler) attribute(name, value string) {
	r.out.WriteString(" " + name + `="`)
	// Writing to a bytes.Buffer cannot fail.
	_ = xml.EscapeText(&r.out, []byte(value))
	r.out.WriteByte('"')
}

var coordinate = regexp.MustCompile(`-?\d+(\.\d+)?(e[-+]?\d+)?`)

// rounded is a list of coordinates with each rounded to a tenth.
func rounded(coordinates string) string {
	return coordinate.ReplaceAllStringFunc(coordinates, func(s string) string {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return s
		}
		s = strings.TrimSuffix(strconv.FormatFloat(v, 'f', 1, 64), ".0")
		if s == "-0" {
			return "0"
		}
		return s
	})
}
