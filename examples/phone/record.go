package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
)

// tape writes the sound of a call to a WAV file: the caller on the left, what they hear on the right.
type tape struct {
	file   *os.File
	w      *bufio.Writer
	frames uint32
}

const wavHeader = 44

// record begins a tape. Its header is written at the end.
func record(path string) (*tape, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	t := &tape{file: f, w: bufio.NewWriterSize(f, 1<<15)}
	_, err = t.w.Write(make([]byte, wavHeader))
	return t, err
}

// Record implements sip.Recorder. An error is told by Close.
func (t *tape) Record(heard, said []int16) {
	for i := range heard {
		_ = binary.Write(t.w, binary.LittleEndian, [2]int16{heard[i], said[i]})
	}
	t.frames += uint32(len(heard))
}

// Close implements sip.Recorder.
func (t *tape) Close() error {
	const channels, bits, rate = 2, 16, 8000
	size := t.frames * channels * bits / 8
	h := append(make([]byte, 0, wavHeader), "RIFF"...)
	h = binary.LittleEndian.AppendUint32(h, size+wavHeader-8)
	h = append(h, "WAVEfmt "...)
	h = binary.LittleEndian.AppendUint32(h, 16)
	h = binary.LittleEndian.AppendUint16(h, 1) // PCM
	h = binary.LittleEndian.AppendUint16(h, channels)
	h = binary.LittleEndian.AppendUint32(h, rate)
	h = binary.LittleEndian.AppendUint32(h, rate*channels*bits/8)
	h = binary.LittleEndian.AppendUint16(h, channels*bits/8)
	h = binary.LittleEndian.AppendUint16(h, bits)
	h = append(h, "data"...)
	h = binary.LittleEndian.AppendUint32(h, size)
	err := t.w.Flush()
	_, at := t.file.WriteAt(h, 0)
	return errors.Join(err, at, t.file.Close())
}
