// Package console is an [ivr.Line] on an [io.Reader] and an [io.Writer]: a call without a telephone, for demos, examples
// and scripts. Prompts are printed as text, one a line, so that a menu can be read; keys are echoed, and the keys
// of sensitive entries are masked. A terminal that echoes by itself still shows them: use Config.Keys there.
//
// There are two ways to answer. By default each line of the input is one answer:
//
//	(empty)      silence
//	4211         an entry; spaces and hyphens in it do not matter, and it needs no #
//	hangup       hangs up; so does the end of the input
//	anything     words, recognised with certainty
//
// A line is read only when a turn waits for an answer and its prompts have ended, so a file of answers always plays the
// same call, and a read-back has always been heard. Only an empty line is silence: nobody is timed while typing a line.
//
// With Config.Keys the input is a terminal in raw mode, which the program sets: each key is one as soon as it is
// pressed.
//
//	0–9 * #      telephone keys
//	Enter        # after other keys, and where the answer may be empty; nothing elsewhere, so a habit does no harm
//	Ctrl-D       hangs up; so do Ctrl-C and the end of the input
//	(waiting)    silence
//	anything     begins words, which Enter ends
//
// Keys pressed while prompts are read out cut them short or wait, as on a telephone. Those that a read-back drops are not
// echoed: a note asks, once a turn, to listen to the end. Such notes are in parentheses, and in English: they are no part
// of the call.
package console
