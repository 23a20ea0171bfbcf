package reconcile

import (
	"context"
	"database/sql/driver"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/marcboeker/go-duckdb"

	"tieout/loaders"
)

// recordStream is the Arrow record reader through which DuckDB pulls what loaders emit.
type recordStream struct {
	references atomic.Int64
	ctx        context.Context
	schema     *arrow.Schema
	records    chan arrow.Record
	current    arrow.Record
	isNumbered bool
	rows       int64 // numbered so far
	err        error
}

var _ array.RecordReader = (*recordStream)(nil)

// Retain and Release count references, as the interface asks.
func (s *recordStream) Retain() { s.references.Add(1) }

// Release gives up a reference; the last one frees the record in hand.
func (s *recordStream) Release() {
	if s.references.Add(-1) == 0 && s.current != nil {
		s.current.Release()
		s.current = nil
	}
}

// Schema is the schema of every record.
func (s *recordStream) Schema() *arrow.Schema { return s.schema }

// Record is the record that Next moved to.
func (s *recordStream) Record() arrow.Record { return s.current }

// Err says why Next ended early.
func (s *recordStream) Err() error { return s.err }

// Next moves to the next record and reports whether there is one.
func (s *recordStream) Next() bool {
	if s.current != nil {
		s.current.Release()
		s.current = nil
	}
	select {
	case record, open := <-s.records:
		if open {
			s.current = s.numbered(record)
		}
		return open
	case <-s.ctx.Done():
		s.err = context.Cause(s.ctx)
		return false
	}
}

// numbered adds the column row_id, by which joins name a row. Which row gets which
// number depends on the threads, so no report may show it or be ordered by it.
func (s *recordStream) numbered(record arrow.Record) arrow.Record {
	if !s.isNumbered {
		return record
	}
	defer record.Release()
	numbers := array.NewInt64Builder(memory.DefaultAllocator)
	defer numbers.Release()
	numbers.Reserve(int(record.NumRows()))
	for range record.NumRows() {
		s.rows++
		numbers.UnsafeAppend(s.rows)
	}
	column := numbers.NewArray()
	defer column.Release()
	columns := append([]arrow.Array{column}, record.Columns()...)
	return array.NewRecord(s.schema, columns, record.NumRows())
}

// withRowID is a loader's schema with the row number in front.
func withRowID(schema *arrow.Schema) *arrow.Schema {
	number := arrow.Field{Name: "row_id", Type: arrow.PrimitiveTypes.Int64}
	return arrow.NewSchema(append([]arrow.Field{number}, schema.Fields()...), nil)
}

// intake inserts the records of each raw table on a connection of its own; a table's insert
// starts with its first record.
type intake struct {
	ctx     context.Context
	fail    context.CancelCauseFunc
	store   *store
	schemas map[loaders.Table]*arrow.Schema
	last    map[loaders.Table]int64 // number of the last row that each table has
	mu      sync.Mutex
	streams map[loaders.Table]*recordStream
	inserts sync.WaitGroup
}

func newIntake(
	ctx context.Context, fail context.CancelCauseFunc, store *store,
) (*intake, error) {
	in := &intake{ctx: ctx, fail: fail, store: store, schemas: loaders.Schemas(),
		streams: map[loaders.Table]*recordStream{}, last: map[loaders.Table]int64{}}
	for table := range in.schemas {
		number := "row_id"
		if !isNumbered(table) {
			number = "kind_id"
		}
		var last int64
		row := store.db.QueryRowContext(ctx, "SELECT COALESCE(MAX("+number+"), 0) FROM raw."+
			storedAs(table))
		if err := row.Scan(&last); err != nil {
			return nil, fmt.Errorf("rows of raw.%s: %w", table, err)
		}
		in.last[table] = last
	}
	return in, nil
}

// lastKind is the highest number of a kind of row.
func (in *intake) lastKind() int64 {
	return max(in.last[loaders.TableRequestKind], in.last[loaders.TableSpanKind])
}

// isNumbered tells the tables whose rows are numbered here from those of kinds, which the loader
// numbers.
func isNumbered(table loaders.Table) bool {
	return table != loaders.TableRequestKind && table != loaders.TableSpanKind
}

// emit hands a record to its table's insert.
func (in *intake) emit(table loaders.Table, record arrow.Record) error {
	stream := in.stream(table)
	select {
	case stream.records <- record:
		return nil
	case <-in.ctx.Done():
		record.Release()
		return context.Cause(in.ctx)
	}
}

func (in *intake) stream(table loaders.Table) *recordStream {
	in.mu.Lock()
	defer in.mu.Unlock()
	if stream, started := in.streams[table]; started {
		return stream
	}
	stream := &recordStream{ctx: in.ctx, schema: in.schemas[table],
		isNumbered: isNumbered(table), rows: in.last[table],
		records: make(chan arrow.Record, 2)}
	if stream.isNumbered {
		stream.schema = withRowID(stream.schema)
	}
	stream.references.Store(1)
	in.streams[table] = stream
	in.inserts.Add(1)
	go func() {
		defer in.inserts.Done()
		if err := in.insert(table, stream); err != nil {
			in.fail(fmt.Errorf("insert into raw.%s: %w", table, err))
		}
	}()
	return stream
}

// insert pulls one table's stream into the store until it closes.
func (in *intake) insert(table loaders.Table, stream *recordStream) error {
	conn, err := in.store.connector.Connect(in.ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	view, err := duckdb.NewArrowFromConn(conn)
	if err != nil {
		return err
	}
	name := "arrow_" + string(table)
	execer := conn.(driver.ExecerContext)
	release, err := view.RegisterView(stream, name)
	if err != nil {
		// The driver drops the reason, which a view made in SQL meets too; where that one can be
		// made, the reason has gone. The name stays taken by the commit that failed.
		name += "_again"
		probe := "CREATE VIEW " + name + " AS SELECT 1"
		if _, err := execer.ExecContext(in.ctx, probe, nil); err != nil {
			return err
		}
		if release, err = view.RegisterView(stream, name); err != nil {
			return err
		}
	}
	defer release()
	statement := "INSERT INTO raw." + storedAs(table) + " BY NAME SELECT * FROM " + name
	if _, err := execer.ExecContext(in.ctx, statement, nil); err != nil {
		if stream.err != nil {
			return stream.err
		}
		return err
	}
	_, err = execer.ExecContext(in.ctx, "DROP VIEW "+name, nil)
	return err
}

// storedAs names the table of the schema raw that a loader's table fills.
func storedAs(table loaders.Table) string {
	switch table {
	case loaders.TableRequest:
		return "request_row"
	case loaders.TableSpan:
		return "span_row"
	}
	return string(table)
}

// close ends all streams and waits for their inserts.
func (in *intake) close() {
	in.mu.Lock()
	for _, stream := range in.streams {
		close(stream.records)
	}
	in.mu.Unlock()
	in.inserts.Wait()
}
