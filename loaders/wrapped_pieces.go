package loaders

import "bytes"

// Docker and containerd cut lines that are longer than 16 kB, each piece a record of its own. A
// text that begins as JSON and does not end waits for the pieces that follow.

// piecesMax is how many pieces of a line are put together.
const piecesMax = 256

// pieces are those of the line in hand.
type pieces struct {
	begun     []byte
	begunLine int64
	count     int
}

// text follows the way within JSON that is written as text.
func (u *unwrapped) text(text []byte, rest way, depth int, line int64) (int, error) {
	if text = bytes.Trim(text, "\r\n"); len(bytes.TrimSpace(text)) == 0 {
		return 0, nil
	}
	if v, err := u.parser(depth).ParseBytes(text); err == nil {
		if err := u.giveUp(); err != nil {
			return 0, err
		}
		return u.follow(v, rest, depth, line)
	}
	begins := bytes.TrimSpace(text)[0] == '{'
	if bytes.HasPrefix(text, []byte(`{"`)) { // another line, and no piece of one
		if err := u.giveUp(); err != nil {
			return 0, err
		}
	}
	isBegun := u.count > 0
	if !isBegun && !begins {
		return 0, nil
	}
	if !isBegun {
		u.begunLine = line
	}
	u.begun, u.count = append(u.begun, text...), u.count+1
	if isBegun && bytes.HasSuffix(bytes.TrimSpace(text), []byte{'}'}) {
		if v, err := u.parser(depth).ParseBytes(u.begun); err == nil {
			u.forget()
			return u.follow(v, rest, depth, u.begunLine)
		}
	}
	if u.count >= piecesMax || len(u.begun) > u.recordMax {
		return 1, u.giveUp()
	}
	return 1, nil
}

func (p *pieces) forget() { p.begun, p.count = p.begun[:0], 0 }

// giveUp leaves a reject in the place of a text whose end did not come.
func (u *unwrapped) giveUp() error {
	if u.count == 0 {
		return nil
	}
	u.forget()
	return u.write(u.begunLine, []byte(broken))
}

// containerPiece is what containerd's log has of a line, behind time, stream and whether the line
// ends with it (F) or goes on (P).
func containerPiece(line []byte) (piece []byte, isPiece bool) {
	parts := bytes.SplitN(line, []byte{' '}, 4)
	if len(parts) < 4 || len(parts[2]) != 1 || parts[2][0] != 'P' && parts[2][0] != 'F' {
		return nil, false
	}
	stream := string(parts[1])
	return parts[3], len(parts[3]) > 0 && (stream == "stdout" || stream == "stderr")
}
