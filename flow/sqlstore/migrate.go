package sqlstore

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"strings"
)

//go:embed schema_*.sql
var schema embed.FS

// migrate makes the tables, or brings them up to date, in one transaction that others wait for.
func (s *Store) migrate(ctx context.Context) error {
	files, err := schema.ReadDir(".")
	if err != nil {
		return err
	}
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return s.plain(err)
	}
	defer tx.Rollback() // does nothing once it is committed
	if s.dialect.MigrationLock != "" {
		if _, err := tx.ExecContext(ctx, s.dialect.MigrationLock); err != nil {
			return s.plain(err)
		}
	}
	if _, err := tx.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS dialpay_schema (version BIGINT PRIMARY KEY)`); err != nil {
		return s.plain(err)
	}
	var have int
	if err := tx.QueryRowContext(ctx, `SELECT coalesce(max(version), 0) FROM dialpay_schema`).Scan(&have); err != nil {
		return s.plain(err)
	}
	if have > len(files) {
		return fmt.Errorf("%w: they are version %d, this program knows %d", ErrNewer, have, len(files))
	}
	for i, file := range files[have:] {
		if err := s.apply(ctx, tx, file.Name(), have+i+1); err != nil {
			return fmt.Errorf("%s: %w", file.Name(), err)
		}
	}
	return s.plain(tx.Commit())
}

// apply does the statements of a file. Each ends with a semicolon at the end of a line.
func (s *Store) apply(ctx context.Context, tx *sql.Tx, file string, version int) error {
	text, err := schema.ReadFile(file)
	if err != nil {
		return err
	}
	for _, statement := range strings.Split(strings.TrimSuffix(string(text), ";\n"), ";\n") {
		if _, err := tx.ExecContext(ctx, s.words.Replace(statement)); err != nil {
			return s.plain(err)
		}
	}
	_, err = tx.ExecContext(ctx, s.words.Replace(`INSERT INTO dialpay_schema (version) VALUES ($1)`), version)
	return s.plain(err)
}
