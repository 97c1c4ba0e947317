package node

// Preset is a balancer that there is to buy, to rent or to install, and how
// it behaves where nobody has told it otherwise. What it has no figure for is
// left as it is for any balancer: nothing is made up.
type Preset struct {
	Name    string
	Doc     string
	Figures []Figure
	Note    string // what differs from capsim's idea of a balancer; "" if nothing
}

// Figure is what a preset gives for a key that the file leaves out.
type Figure struct {
	Key    string // of [load_balancer.NAME]
	Value  string // as TOML
	Within bool   // only where the file has the table that the key is in
	Says   string // what the source says
	Source string // its address
	Read   string // when it was read
}

// LookUpPreset returns the preset of a name.
func LookUpPreset(name string) (*Preset, bool) {
	for i := range Presets {
		if Presets[i].Name == name {
			return &Presets[i], true
		}
	}
	return nil, false
}
