// Package browser is the tests that open every kind of page that capsim
// writes in a browser: in both widths and both colour schemes, with and
// without scripts, and on paper. They need Chromium, which the other tests do
// not, so they are built only with the tag "browser": make browser.
package browser
