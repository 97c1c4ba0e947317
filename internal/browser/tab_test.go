//go:build browser

package browser

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"
)

// A tab is one page that is open in the browser, and what was wrong with it
// meanwhile.
type tab struct {
	c       *chrome
	target  string
	session string
	url     string
	loaded  chan struct{}

	mu       sync.Mutex
	troubles []string // what the page did that it must not
}

// open makes an empty tab whose troubles are noted from then on. That of url
// is the only file that it may ask for.
func (c *chrome) open(url string) (*tab, error) {
	t := &tab{c: c, url: url, loaded: make(chan struct{}, 8)}
	var made struct{ TargetID, SessionID string }
	if err := c.call("", "Target.createTarget", dictionary{"url": "about:blank"}, &made); err != nil {
		return nil, err
	}
	t.target = made.TargetID
	if err := c.call("", "Target.attachToTarget", dictionary{"targetId": t.target, "flatten": true}, &made); err != nil {
		return nil, err
	}
	t.session = made.SessionID
	c.mu.Lock()
	c.tabs[t.session] = t
	c.mu.Unlock()
	for _, domain := range []string{"Page", "Runtime", "Log", "Network", "Audits"} {
		if err := t.do(domain+".enable", nil); err != nil {
			return nil, err
		}
	}
	return t, nil
}

func (t *tab) close() error {
	return t.c.call("", "Target.closeTarget", dictionary{"targetId": t.target}, nil)
}

func (t *tab) do(method string, params any) error { return t.c.call(t.session, method, params, nil) }

// hears takes notice of what happens in the tab.
func (t *tab) hears(m message) {
	var e struct {
		Type, Message string
		Request       struct{ URL string }
		URL           string
		Entry         struct{ Level, Source, Text, URL string }
		Args          []struct {
			Value       any
			Description string
		}
		ExceptionDetails struct {
			Text      string
			Exception struct{ Description string }
		}
		Issue struct {
			Code    string
			Details json.RawMessage
		}
	}
	if err := json.Unmarshal(m.Params, &e); err != nil {
		t.trouble("%s cannot be read: %v", m.Method, err)
		return
	}
	switch m.Method {
	case "Page.loadEventFired":
		t.loaded <- struct{}{}
	case "Page.javascriptDialogOpening":
		t.trouble("a dialog: %q", e.Message)
		// Nothing goes on before it is closed; and this is where answers come in, so that none can be waited for.
		go func() { _ = t.do("Page.handleJavaScriptDialog", dictionary{"accept": true}) }()
	case "Page.windowOpen":
		t.trouble("a window: %q", e.URL)
	case "Network.requestWillBeSent":
		if e.Request.URL != t.url {
			t.trouble("a request: %.200s", e.Request.URL)
		}
	case "Network.webSocketCreated", "Network.webTransportCreated":
		t.trouble("a connection: %.200s", e.URL)
	case "Runtime.consoleAPICalled":
		t.trouble("console.%s: %v", e.Type, e.Args)
	case "Runtime.exceptionThrown":
		t.trouble("an exception: %s %s", e.ExceptionDetails.Text, e.ExceptionDetails.Exception.Description)
	case "Log.entryAdded":
		t.trouble("console, %s of %s: %s %s", e.Entry.Level, e.Entry.Source, e.Entry.Text, e.Entry.URL)
	case "Audits.issueAdded":
		t.trouble("an issue, %s: %.400s", e.Issue.Code, e.Issue.Details)
	}
}

func (t *tab) trouble(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.troubles = append(t.troubles, fmt.Sprintf(format, args...))
}

// took is what was wrong since it was last asked.
func (t *tab) took() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	troubles := t.troubles
	t.troubles = nil
	return troubles
}

// load opens the page, with scripts or without, and waits until it is drawn.
func (t *tab) load(scripts bool) error {
	if err := t.do("Emulation.setScriptExecutionDisabled", dictionary{"value": !scripts}); err != nil {
		return err
	}
	var navigated struct{ ErrorText string }
	if err := t.c.call(t.session, "Page.navigate", dictionary{"url": t.url}, &navigated); err != nil {
		return err
	}
	if navigated.ErrorText != "" {
		return fmt.Errorf("%s: %s", t.url, navigated.ErrorText)
	}
	select {
	case <-t.loaded:
		return nil
	case <-time.After(patience):
		return fmt.Errorf("%s: not loaded within %v", t.url, patience)
	}
}

// look sets the width of the window, in pixels, and the colour scheme that
// the reader prefers: light or dark.
func (t *tab) look(width int, scheme string) error {
	err := t.do("Emulation.setDeviceMetricsOverride", dictionary{
		"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false,
	})
	if err != nil {
		return err
	}
	return t.do("Emulation.setEmulatedMedia", dictionary{
		"features": []dictionary{{"name": "prefers-color-scheme", "value": scheme}},
	})
}

// ask has an expression computed in the page, but in a world of its own: the
// page's policy, and its scripts, do not reach there, nor does it touch them.
func (t *tab) ask(expression string, into any) error {
	var tree struct {
		FrameTree struct{ Frame struct{ ID string } }
	}
	if err := t.c.call(t.session, "Page.getFrameTree", nil, &tree); err != nil {
		return err
	}
	var world struct{ ExecutionContextID int }
	err := t.c.call(t.session, "Page.createIsolatedWorld", dictionary{
		"frameId": tree.FrameTree.Frame.ID, "worldName": "capsim",
	}, &world)
	if err != nil {
		return err
	}
	var answer struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails *struct {
			Exception struct{ Description string }
		}
	}
	err = t.c.call(t.session, "Runtime.evaluate", dictionary{
		"expression": expression, "contextId": world.ExecutionContextID, "awaitPromise": true, "returnByValue": true,
	}, &answer)
	switch {
	case err != nil:
		return err
	case answer.ExceptionDetails != nil:
		return fmt.Errorf("in the page: %s", answer.ExceptionDetails.Exception.Description)
	case into == nil:
		return nil
	}
	return json.Unmarshal(answer.Result.Value, into)
}

// picture is a screenshot of the whole page, as PNG.
func (t *tab) picture() ([]byte, error) {
	return t.data("Page.captureScreenshot", dictionary{"format": "png", "captureBeyondViewport": true})
}

// paper is the page as it is printed, as PDF, on A4.
func (t *tab) paper() ([]byte, error) {
	return t.data("Page.printToPDF", dictionary{
		"paperWidth": 8.27, "paperHeight": 11.69, "preferCSSPageSize": true, "printBackground": false,
	})
}

func (t *tab) data(method string, params any) ([]byte, error) {
	var answer struct{ Data string }
	if err := t.c.call(t.session, method, params, &answer); err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(answer.Data)
}

// quoted is text as JavaScript.
func quoted(text string) string {
	data, err := json.Marshal(text)
	if err != nil {
		panic("browser: " + err.Error())
	}
	return strings.ReplaceAll(string(data), "\u2028", `\u2028`)
}
