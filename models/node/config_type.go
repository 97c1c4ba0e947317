package node

import "github.com/capsim/capsim/models/kind"

// MachineType is the name of a machine that can be rented. Which there are, a
// price list says, which this package does not know.
type MachineType string

// Read takes the text.
func (m *MachineType) Read(c kind.Cursor) {
	if c.Value.Type != kind.TypeString {
		c.Wrong(`the name of a machine such as "aws:m7i.xlarge"`, "")
		return
	}
	*m = MachineType(c.Value.Text)
}

// Shape describes the text.
func (*MachineType) Shape() kind.Shape { return kind.Shape{Type: TypeOfMachine} }

// TypeOfMachine is how a description calls the name of a machine.
const TypeOfMachine = "the name of a machine"

// PresetName is the name of one of the Presets.
type PresetName string

// Words lists the presets.
func (PresetName) Words() []string {
	names := make([]string, len(Presets))
	for i := range Presets {
		names[i] = Presets[i].Name
	}
	return names
}
