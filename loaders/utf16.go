package loaders

import (
	"bufio"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// utf16Order tells UTF-16 text by its mark, or by ASCII at the beginning: every other byte is 0.
func utf16Order(first []byte) (isBig, isUTF16 bool) {
	if len(first) < 2 {
		return false, false
	}
	switch mark := [2]byte(first); {
	case mark == [2]byte{0xfe, 0xff}:
		return true, true
	case mark == [2]byte{0xff, 0xfe}:
		return false, true
	case len(first) < 4:
		return false, false
	}
	big := first[0] == 0 && first[1] != 0 && first[2] == 0 && first[3] != 0
	little := first[0] != 0 && first[1] == 0 && first[2] != 0 && first[3] == 0
	return big, big || little
}

// utf16Reader gives UTF-16 as UTF-8; what is no character becomes U+FFFD.
type utf16Reader struct {
	from  *bufio.Reader
	isBig bool
}

func (u *utf16Reader) Read(p []byte) (int, error) {
	n := 0
	for n+utf8.UTFMax <= len(p) {
		character, err := u.next()
		if err != nil {
			if n > 0 {
				return n, nil
			}
			return 0, err
		}
		n += utf8.EncodeRune(p[n:], character)
	}
	return n, nil
}

// next gives one character; half a unit at the end is dropped with U+FFFD.
func (u *utf16Reader) next() (rune, error) {
	pair, err := u.from.Peek(2)
	if len(pair) == 0 {
		return 0, err
	}
	if len(pair) == 1 {
		_, _ = u.from.Discard(1)
		return utf8.RuneError, nil
	}
	first := u.unit(pair)
	_, _ = u.from.Discard(2)
	if !utf16.IsSurrogate(first) {
		return first, nil
	}
	second, err := u.from.Peek(2)
	if err != nil && err != io.EOF {
		return 0, err
	}
	if len(second) < 2 {
		return utf8.RuneError, nil
	}
	character := utf16.DecodeRune(first, u.unit(second))
	if character != utf8.RuneError {
		_, _ = u.from.Discard(2)
	}
	return character, nil
}

func (u *utf16Reader) unit(pair []byte) rune {
	if u.isBig {
		return rune(pair[0])<<8 | rune(pair[1])
	}
	return rune(pair[1])<<8 | rune(pair[0])
}
