package reports

import (
	"fmt"
	"image/color"

	"gonum.org/v1/plot/vg"
)

// A swatch is a colour of the charts. On a page its class lets the style sheet
// choose another for the dark; the colour here is that of the light, and of an
// SVG by itself.
type swatch struct {
	class string
	color color.RGBA
}

// palette are the hues of the lines, in order: Okabe and Ito's, which readers
// with any common colour vision can tell apart ("Color Universal Design",
// 2008), without the yellow, which is lost on white.
var palette = [...]swatch{
	{"blue", color.RGBA{0x00, 0x72, 0xb2, 0xff}},
	{"vermilion", color.RGBA{0xd5, 0x5e, 0x00, 0xff}},
	{"green", color.RGBA{0x00, 0x9e, 0x73, 0xff}},
	{"purple", color.RGBA{0xcc, 0x79, 0xa7, 0xff}},
	{"orange", color.RGBA{0xe6, 0x9f, 0x00, 0xff}},
	{"sky", color.RGBA{0x56, 0xb4, 0xe9, 0xff}},
}

// The colours of what is not data.
var (
	ink  = swatch{"ink", color.RGBA{0x33, 0x38, 0x40, 0xff}}
	rule = swatch{"rule", color.RGBA{0xdd, 0xe1, 0xe6, 0xff}}
)

// dashes tell apart lines of one hue, and lines where colour is lost.
var dashes = [...][]vg.Length{nil, {5, 3}, {1.5, 2.5}, {7, 3, 1.5, 3}}

// hue is the colour of line i.
func hue(i int) color.RGBA {
	return palette[i%len(palette)].color
}

// dash is the pattern of line i.
func dash(i int) []vg.Length {
	return dashes[i%len(dashes)]
}

// hex is a colour as SVG writes it.
func hex(c color.RGBA) string {
	return fmt.Sprintf("#%02X%02X%02X", c.R, c.G, c.B)
}

// swatchOf finds a colour of a chart. What gonum writes of a translucent one
// may be off by one: it multiplies by the opacity and divides again.
func swatchOf(code string) (found swatch, ok bool) {
	var c color.RGBA
	if n, err := fmt.Sscanf(code, "#%02X%02X%02X", &c.R, &c.G, &c.B); n != 3 || err != nil {
		return found, false
	}
	near := func(a, b uint8) bool { return max(a, b)-min(a, b) <= 1 }
	for _, s := range append(palette[:], ink, rule, paper, black, soft) {
		if near(s.color.R, c.R) && near(s.color.G, c.G) && near(s.color.B, c.B) {
			return s, true
		}
	}
	return found, false
}
