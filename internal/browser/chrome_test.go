//go:build browser

package browser

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// patience is how long the browser may take for one thing.
const patience = 60 * time.Second

// A chrome is a headless browser that is told what to do over a pair of
// pipes, in the words of the Chrome DevTools Protocol: messages in JSON, each
// ended by a zero byte.
type chrome struct {
	process *exec.Cmd
	profile string
	in      io.WriteCloser

	mu      sync.Mutex
	last    int // the number of the last message
	waiting map[int]chan message
	tabs    map[string]*tab // by session
	gone    bool
}

// A message is an order, the answer to one, or an event.
type message struct {
	ID      int             `json:"id,omitempty"`
	Session string          `json:"sessionId,omitempty"`
	Method  string          `json:"method,omitempty"`
	Params  json.RawMessage `json:"params,omitempty"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   *struct {
		Message string `json:"message"`
	} `json:"error,omitempty"`
}

// dictionary spares much typing.
type dictionary = map[string]any

// startChrome starts the browser at path, as somebody who has never used it.
// As root it does without its sandbox, which would refuse to start; what it
// opens are our own files.
func startChrome(path string) (*chrome, error) {
	profile, err := os.MkdirTemp("", "capsim-browser-")
	if err != nil {
		return nil, err
	}
	orders, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	out, answers, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	process := exec.Command(path,
		"--headless", "--remote-debugging-pipe", "--user-data-dir="+profile, "--no-sandbox", "--disable-gpu",
		"--disable-dev-shm-usage", "--no-first-run", "--disable-extensions", "--disable-background-networking",
		"--disable-component-update", "--hide-scrollbars", "--force-color-profile=srgb", "about:blank")
	process.ExtraFiles = []*os.File{orders, answers} // 3 and 4, by the browser's convention
	process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := process.Start(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(profile))
	}
	if err := errors.Join(orders.Close(), answers.Close()); err != nil {
		return nil, err
	}
	c := &chrome{process: process, profile: profile, in: in, waiting: map[int]chan message{}, tabs: map[string]*tab{}}
	go c.listen(out)
	return c, c.call("", "Target.setDiscoverTargets", dictionary{"discover": true}, nil)
}

// stop ends the browser and all its processes, and removes its profile.
func (c *chrome) stop() error {
	_ = c.call("", "Browser.close", nil, nil) // it may be gone before it has answered
	done := make(chan struct{})
	go func() { _ = c.process.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
	}
	_ = syscall.Kill(-c.process.Process.Pid, syscall.SIGKILL) // its group, which is ours alone
	<-done
	var err error
	for range 20 { // its last processes may still be writing there
		if err = os.RemoveAll(c.profile); err == nil {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	return err
}

// listen hands out what the browser says, until it ends.
func (c *chrome) listen(out io.Reader) {
	lines := bufio.NewReaderSize(out, 1<<20)
	for {
		line, err := lines.ReadBytes(0)
		if err != nil {
			break
		}
		var m message
		if err := json.Unmarshal(line[:len(line)-1], &m); err != nil {
			panic("browser: what the browser says is no JSON: " + err.Error())
		}
		c.mu.Lock()
		answer, t := c.waiting[m.ID], c.tabs[m.Session]
		delete(c.waiting, m.ID)
		c.mu.Unlock()
		switch {
		case m.ID != 0 && answer != nil:
			answer <- m
		case m.ID == 0 && t != nil:
			t.hears(m)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gone = true
	for id, answer := range c.waiting {
		close(answer)
		delete(c.waiting, id)
	}
}

// call gives an order and waits for what comes of it.
func (c *chrome) call(session, method string, params, into any) error {
	order := message{Session: session, Method: method}
	if params != nil {
		data, err := json.Marshal(params)
		if err != nil {
			return err
		}
		order.Params = data
	}
	answer := make(chan message, 1)
	if err := c.send(order, answer); err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	select {
	case m, ok := <-answer:
		switch {
		case !ok:
			return fmt.Errorf("%s: the browser ended", method)
		case m.Error != nil:
			return fmt.Errorf("%s: %s", method, m.Error.Message)
		case into != nil:
			return json.Unmarshal(m.Result, into)
		}
		return nil
	case <-time.After(patience):
		return fmt.Errorf("%s: no answer within %v", method, patience)
	}
}

func (c *chrome) send(order message, answer chan message) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.gone {
		return errors.New("the browser ended")
	}
	c.last++
	order.ID = c.last
	data, err := json.Marshal(order)
	if err != nil {
		return err
	}
	c.waiting[order.ID] = answer
	_, err = c.in.Write(append(data, 0))
	return err
}

// findChrome is where the browser is.
func findChrome() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return filepath.Abs(path)
		}
	}
	return "", errors.New("there is no Chromium: install it (Debian: apt-get install chromium), or leave these tests out with -nobrowser")
}
