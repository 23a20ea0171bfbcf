package loaders

import (
	"context"
	"sync"
)

// crew is the workers that share the blocks of one file. It grows as there is work: a small file
// is handled where it is read, and workers beyond the first are started only while they find
// nothing but full hands, as many as all files of the loader may have together.
type crew struct {
	job        *Job
	most       int
	newHandler func(*worker) func(block) error

	ctx     context.Context
	cancel  context.CancelCauseFunc
	blocks  chan block
	first   block // held until there is a second
	sent    int64
	started int
	working sync.WaitGroup
}

func (j *Job) newCrew(most int, newHandler func(*worker) func(block) error) *crew {
	return &crew{job: j, most: most, newHandler: newHandler}
}

func (c *crew) run(read func(send func(block) error) error) error {
	c.ctx, c.cancel = context.WithCancelCause(c.job.ctx)
	defer c.cancel(nil)
	err := read(c.send)
	if c.started == 0 {
		if err != nil || c.sent == 0 {
			return err
		}
		return c.alone()
	}
	close(c.blocks)
	c.working.Wait()
	if cause := context.Cause(c.ctx); cause != nil {
		return cause
	}
	return err
}

// alone handles the only block.
func (c *crew) alone() error {
	w := c.job.newWorker()
	if err := c.newHandler(w)(c.first); err != nil {
		return err
	}
	return w.finish()
}

func (c *crew) send(b block) error {
	b.nth = c.sent
	if c.sent++; c.sent == 1 {
		c.first = b
		return nil
	}
	if c.started == 0 {
		c.blocks = make(chan block, 2)
		c.blocks <- c.first
		c.first = block{}
		c.start(func() {})
	}
	select {
	case c.blocks <- b:
		return nil
	default:
		c.grow()
	}
	select {
	case c.blocks <- b:
		return nil
	case <-c.ctx.Done():
		return context.Cause(c.ctx)
	}
}

// grow starts one more worker when the file and the loader allow it.
func (c *crew) grow() {
	if c.started >= c.most {
		return
	}
	if c.job.loader == nil {
		c.start(func() {})
		return
	}
	select {
	case c.job.loader.extra <- struct{}{}:
		c.start(func() { <-c.job.loader.extra })
	default:
	}
}

func (c *crew) start(ended func()) {
	c.started++
	c.working.Add(1)
	w := c.job.newWorker()
	go func() {
		defer c.working.Done()
		defer ended()
		if err := c.work(w); err != nil {
			c.cancel(err)
			for range c.blocks { // let the reader end
			}
		}
	}()
}

func (c *crew) work(w *worker) error {
	handle := c.newHandler(w)
	for b := range c.blocks {
		if err := handle(b); err != nil {
			return err
		}
	}
	return w.finish()
}
