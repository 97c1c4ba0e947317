package topologies

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/capsim/capsim/models/kind"
)

// syntaxError explains why a document is not TOML. The parser says where it
// stopped; what the person meant is seen from the text around.
type syntaxError struct {
	src   *source
	path  string // of the table
	first int    // where the expression may begin
	at    int    // where the parser stopped
	said  string // what the parser said

	start  int   // of the expression
	header bool  // it is a [header]
	open   []int // brackets that are open at at
	quote  int   // the string that at is in, -1 if none
	closed bool  // that string ends on its line, or at its triple quote
}

// explain makes the finding, and says where reading may go on; -1 for
// nowhere.
func (s *syntaxError) explain() (d kind.Diagnostic, next int) {
	s.locate()
	if looks := s.otherLanguage(); looks != "" {
		return kind.Diagnostic{Code: "E101", Pos: s.src.start(), Key: s.src.name, Message: "expected TOML; this looks like " + looks,
			Hint: "TOML has [tables] of lines key = value; topologies/hello.toml is a small example"}, -1
	}
	return s.diagnose(), s.next()
}

// locate finds where the expression begins, and what is open where the
// parser stopped.
func (s *syntaxError) locate() {
	data := s.src.data
	g := scanner{data: data}
	s.quote = -1
	i := s.first
	for i < s.at {
		if c := data[i]; c == '#' {
			i = g.lineEnd(i)
		} else if !strings.ContainsRune(" \t\r\n", rune(c)) {
			break
		} else {
			i++
		}
	}
	s.start = i
	s.header = i < len(data) && data[i] == '['
	for i < s.at {
		switch c := data[i]; c {
		case '#':
			i = g.lineEnd(i)
			continue
		case '"', '\'':
			var end int
			end, s.closed = g.stringEnd(i)
			if end > s.at || !s.closed {
				s.quote = i
				return
			}
			i = end
			continue
		case '[', '{':
			s.open = append(s.open, i)
		case ']', '}':
			s.open = s.open[:max(len(s.open)-1, 0)]
		}
		i++
	}
	if i < len(data) && (data[i] == '"' || data[i] == '\'') {
		if _, s.closed = g.stringEnd(i); !s.closed {
			s.quote = i
		}
	}
}

// next is where the next expression may begin.
func (s *syntaxError) next() int {
	data := s.src.data
	g := scanner{data: data}
	i, depth := s.at, len(s.open)
	if s.header {
		depth = 0
	}
	if s.quote >= 0 {
		if strings.HasPrefix(string(data[s.quote:min(s.quote+3, len(data))]), strings.Repeat(string(data[s.quote]), 3)) && !s.closed {
			return -1
		}
		end, _ := g.stringEnd(s.quote)
		i = max(end, s.at)
	}
	for depth > 0 && i < len(data) {
		switch data[i] {
		case '#':
			i = g.lineEnd(i)
		case '"', '\'':
			i, _ = g.stringEnd(i)
		case '[', '{':
			depth++
			i++
		case ']', '}':
			depth--
			i++
		default:
			i++
		}
	}
	if i = g.lineEnd(min(i, len(data))) + 1; i >= len(data) {
		return -1
	}
	return i
}

var yamlLine = regexp.MustCompile(`^(---|- |[A-Za-z0-9_."'-]+:(\s|$))`)

var tomlLine = regexp.MustCompile(`(?m)^[ \t]*[A-Za-z0-9_."'-]+[ \t]*=|^[ \t]*\[[A-Za-z]`)

// otherLanguage recognises a file that is not meant to be TOML at all, by
// its first line.
func (s *syntaxError) otherLanguage() string {
	text := strings.TrimLeft(string(s.src.data[:min(len(s.src.data), 4096)]), " \t\r\n")
	for strings.HasPrefix(text, "#") {
		_, rest, _ := strings.Cut(text, "\n")
		text = strings.TrimLeft(rest, " \t\r\n")
	}
	list := strings.TrimLeft(strings.TrimPrefix(text, "["), " \t\r\n")
	switch {
	case s.src.arg > 0:
		return ""
	case strings.HasPrefix(text, "{"), strings.HasPrefix(text, "[") && strings.HasPrefix(list, "{"):
		return "JSON"
	case strings.HasPrefix(text, "<"):
		return "XML or HTML"
	case yamlLine.MatchString(text) && !tomlLine.Match(s.src.data):
		return "YAML"
	}
	return ""
}

// diagnose says what is wrong.
func (s *syntaxError) diagnose() kind.Diagnostic {
	data := s.src.data
	var r rune
	if s.at < len(data) {
		r, _ = utf8.DecodeRune(data[s.at:])
	}
	switch {
	case s.quote >= 0 && !s.closed:
		if strings.HasPrefix(string(data[s.quote:]), `"""`) || strings.HasPrefix(string(data[s.quote:]), "'''") {
			return s.finding(s.quote, s.quote+3, "this string is not closed", "")
		}
		return s.finding(s.quote, scannerEnd(data, s.quote), "this string is not closed on its line", "")
	case s.quote >= 0:
		return s.inString()
	case strings.ContainsRune("“”„‟‘’‚‛«»`´", r) && r != 0:
		return s.finding(s.at, s.at+utf8.RuneLen(r), fmt.Sprintf("unexpected U+%04X %c", r, r), `use the straight quotes of ASCII: "`)
	case s.atEnd() && len(s.open) > 0 && !s.header:
		last := s.open[len(s.open)-1]
		what := "an array"
		if data[last] == '{' {
			what = "a table in braces"
		}
		end := len(strings.TrimRight(string(data), " \t\r\n"))
		text := "file"
		if s.src.arg > 0 {
			text = "text"
		}
		return s.finding(end, end+1, "the "+text+" ends within "+what, "").See(s.src.pos(last, last+1), "opened here")
	case s.header:
		return s.inHeader()
	case strings.Contains(s.said, "'=' after key"):
		return s.noEquals()
	case strings.Contains(s.said, "start of key"), strings.Contains(s.said, "expected key but"):
		if r == '=' {
			return s.finding(s.at, s.at+1, "a key is missing before =", "")
		}
		return s.finding(s.at, s.at+max(utf8.RuneLen(r), 1), "expected a key", `keys are letters, digits, _ and -; others need quotes: "a b" = 1`)
	}
	return s.inValue(r)
}

func scannerEnd(data []byte, i int) int {
	g := scanner{data: data}
	end, _ := g.stringEnd(i)
	return end
}

// finding makes the diagnostic, named after the key that the expression
// begins with.
func (s *syntaxError) finding(from, to int, message, hint string) kind.Diagnostic {
	name := strings.TrimRight(firstWord(string(s.src.data[s.start:min(s.start+200, len(s.src.data))])), ".")
	key := s.src.name
	switch {
	case s.src.arg > 0:
		key = "--set"
	case name != "" && s.path != "":
		key = s.path + "." + name
	case name != "":
		key = name
	case s.path != "" && !s.header:
		key = s.path
	}
	return s.src.problem("E101", from, to, key, message).WithHint(hint)
}

var keyStart = regexp.MustCompile(`^[A-Za-z0-9_.-]+`)

func firstWord(text string) string { return keyStart.FindString(text) }

func (s *syntaxError) atEnd() bool {
	return s.at >= len(strings.TrimRight(string(s.src.data), " \t\r\n"))-1 && !strings.Contains(s.said, "expected '") &&
		(strings.Contains(s.said, "incomplete") || strings.Contains(s.said, "end of input"))
}

// inString explains a bad escape.
func (s *syntaxError) inString() kind.Diagnostic {
	data := s.src.data
	from := s.at
	for from > s.quote && data[from] != '\\' {
		from--
	}
	if data[from] != '\\' {
		return s.finding(s.at, s.at+1, strings.NewReplacer("basic string", "string", "literal string", "string").Replace(s.said), "")
	}
	r, size := utf8.DecodeRune(data[min(from+1, len(data)-1):])
	message := fmt.Sprintf(`invalid escape \%c`, r)
	if strings.ContainsRune("uUx", r) {
		message += ": it takes hexadecimal digits of a character"
	}
	return s.finding(from, from+1+size, message, `a backslash stands for itself between single quotes: 'C:\data'; or write / in paths`)
}

// inHeader explains a [header] that does not close.
func (s *syntaxError) inHeader() kind.Diagnostic {
	if strings.Contains(s.said, "expected newline") {
		return s.finding(s.at, s.at+1, "unexpected text after a table header", "put it on a line of its own")
	}
	g := scanner{data: s.src.data}
	end := g.lineEnd(s.start)
	if strings.ContainsRune(string(s.src.data[s.start:end]), ' ') && s.at < end && s.src.data[s.at] != '\n' {
		return s.finding(s.at, s.at+1, "this table header is not closed here", `a name with other characters than letters, digits, _ and - needs quotes: [server."my app"]`)
	}
	if s.at >= end {
		return s.finding(s.start, end, "this table header is not closed", "")
	}
	return s.finding(s.at, s.at+1, "a table header is written [name]", `names with other characters than letters, digits, _ and - need quotes`)
}

// noEquals explains a line without an equals sign behind its key.
func (s *syntaxError) noEquals() kind.Diagnostic {
	data := s.src.data
	g := scanner{data: data}
	name := firstWord(string(data[s.start:min(s.start+200, len(data))]))
	rest := ""
	if s.at < len(data) {
		rest = string(data[s.at:g.lineEnd(s.at)])
	}
	hint := ""
	switch {
	case strings.HasPrefix(rest, ":"):
		hint = "TOML writes key = value"
	case strings.Contains(rest, "="):
		hint = "a key with spaces or other characters needs quotes"
	}
	message := "expected = after the key"
	if name != "" {
		message += " " + kind.QuoteText(name)
	}
	return s.finding(s.at, s.at+1, message, hint)
}

// inValue explains what stands where a value should, or after one.
func (s *syntaxError) inValue(r rune) kind.Diagnostic {
	data := s.src.data
	if from, to := s.token(); from == to && (s.at >= len(data) || strings.ContainsRune("\r\n#,]}", r)) && !strings.Contains(s.said, "array value") && !strings.Contains(s.said, "key-value") {
		if strings.ContainsRune(",]}", r) && s.at < len(data) {
			return s.finding(s.at, s.at+1, fmt.Sprintf("expected a value, got %c", r), "")
		}
		return s.finding(s.at, s.at+1, "expected a value after =", "")
	}
	from, to := s.token()
	word := string(data[from:to])
	isNumber := strings.ContainsAny(word, "0123456789") && strings.ContainsRune("0123456789+-.", rune(word[0]))
	after := strings.Contains(s.said, "newline") || strings.Contains(s.said, "array value") || strings.Contains(s.said, "key-value")
	switch {
	case !after && (strings.EqualFold(word, "true") || strings.EqualFold(word, "false")):
		return s.finding(from, to, "expected a value", "write "+strings.ToLower(word))
	case !after && (strings.EqualFold(word, "null") || strings.EqualFold(word, "none") || strings.EqualFold(word, "nil")):
		return s.finding(from, to, "TOML has no "+word, "leave the key out")
	case isNumber && strings.HasSuffix(word, ".") && strings.Trim(word, "0123456789.eE+-_") == "":
		return s.finding(from, to, "a number needs a digit after the point", "write "+strings.TrimSuffix(word, "."))
	case after && (from == s.at || !isNumber || r == ';'):
		message, hint := "unexpected text after the value", ""
		if r == ';' {
			hint = "no semicolon ends a line of TOML"
		} else if len(s.open) > 0 {
			message = "expected a comma or the closing bracket"
		}
		return s.finding(s.at, max(to, s.at+1), message, hint)
	case strings.HasPrefix(word, ".") && strings.Trim(word, "0123456789.") == "":
		return s.finding(from, to, "a number needs a digit before the point", "write 0"+word)
	case isNumber && strings.Trim(word, "0123456789_+-") == "" && len(strings.TrimLeft(word, "+-0")) < len(strings.TrimLeft(word, "+-")):
		return s.finding(from, to, "a number must not begin with a zero", "write "+strings.TrimLeft(word, "+-0"))
	case word == "":
		return s.finding(s.at, s.at+utf8.RuneLen(r), fmt.Sprintf("unexpected %s", kind.QuoteText(string(r))), "")
	}
	text := s.bareText(from)
	return s.finding(from, to, "expected a value, got "+kind.QuoteText(word), "strings need quotes: "+kind.QuoteText(text))
}

// token is the run of characters around at that holds no space, bracket,
// comma, quote or equals sign.
func (s *syntaxError) token() (from, to int) {
	const ends = " \t\r\n=,[]{}#\"'"
	data := s.src.data
	from, to = s.at, s.at
	for from > s.start && !strings.ContainsRune(ends, rune(data[from-1])) {
		from--
	}
	for to < len(data) && !strings.ContainsRune(ends, rune(data[to])) {
		to++
	}
	return from, to
}

// bareText is what the person probably meant as one string.
func (s *syntaxError) bareText(from int) string {
	ends := "\r\n#"
	if len(s.open) > 0 {
		ends += ",]}"
	}
	text := string(s.src.data[from:min(from+200, len(s.src.data))])
	if i := strings.IndexAny(text, ends); i >= 0 {
		text = text[:i]
	}
	return strings.TrimSpace(text)
}
