package topologies
import ("testing";"os";"strings";"fmt";"io";"io/fs")
type mem map[string]string
func (m mem) Open(n string) (io.ReadCloser, error) { s, ok := m[n]; if !ok { return nil, &fs.PathError{Op:"open",Path:n,Err:fs.ErrNotExist} }; return io.NopCloser(strings.NewReader(s)), nil }
func (m mem) List(string) []string { var l []string; for k := range m { l = append(l,k)}; return l }
func TestZZ(t *testing.T){
	b, _ := os.ReadFile("/tmp/fe/cases.txt")
	for _, c := range strings.Split(string(b), "=====\n") {
		id, text, _ := strings.Cut(c, "\n")
		text = strings.ReplaceAll(text, "<FF>", "\xff")
		fmt.Println("##", id)
		f, rep := Load(mem{"shop.toml":text}, "shop.toml", Options{})
		if f != nil { var s any; s, rep = f.Spec(""); _ = s }
		rep.WriteText(os.Stdout,"nothing was simulated")
	}
}
