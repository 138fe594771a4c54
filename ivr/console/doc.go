// Package console is an [ivr.Line] on an [io.Reader] and an [io.Writer]: a call without a telephone, for demos, examples
// and scripts. Prompts are printed as text, keys are echoed, and the keys of sensitive entries are masked.
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
// pressed. 0–9, * and # are telephone keys; anything else printable begins words, which Enter ends; Ctrl-D hangs up;
// silence is waiting. Keys pressed while prompts are read out cut them short or wait, as on a telephone.
package console
