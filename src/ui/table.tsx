import type { Child } from "hono/jsx";
import { classes } from "./classes.ts";
import { Icon } from "./icon.tsx";

export type SortDirection = "ascending" | "descending";

export type Column<Row> = {
  key: string;
  header: string;
  cell: (row: Row) => Child;
  /** "end" for numbers: they get figures of one width. */
  align?: "start" | "end" | undefined;
  sortable?: boolean | undefined;
  /** The column that names the row: it takes the room that is left, and heads the row where rows are stacked. */
  primary?: boolean | undefined;
  /** True keeps short values on one line. */
  nowrap?: boolean | undefined;
  /** True for a column of buttons or links: only screen readers need its header. */
  action?: boolean | undefined;
};

export type TableProps<Row> = {
  /** What the table shows, for screen readers. */
  caption: string;
  columns: Column<Row>[];
  rows: Row[];
  sort?: { key: string; direction: SortDirection } | undefined;
  /** The address of the same page sorted otherwise. */
  sortHref?: ((key: string, direction: SortDirection) => string) | undefined;
  /** A RowMenu for the end of each row. */
  menu?: ((row: Row) => Child) | undefined;
  /** Shown in place of a table without rows. */
  empty?: Child;
  /** On narrow screens: rows become stacked facts, or the table scrolls sideways (for many columns of one kind). */
  narrow?: "stack" | "scroll" | undefined;
  rowAttributes?: ((row: Row) => Record<string, string | undefined>) | undefined;
};

/** Rows of one kind. The roles are spelled out because stacked rows lose the ones that HTML gives a table. */
export function Table<Row>(props: TableProps<Row>) {
  const { caption, columns, rows, sort, sortHref, menu, empty, narrow = "stack", rowAttributes } = props;
  if (rows.length === 0 && empty) return <>{empty}</>;
  return (
    <div
      class="table-frame"
      data-narrow={narrow}
      tabindex={narrow === "scroll" ? 0 : undefined}
      role={narrow === "scroll" ? "region" : undefined}
      aria-label={narrow === "scroll" ? caption : undefined}
    >
      <table class="table" role="table">
        <caption class="visually-hidden">{caption}</caption>
        <thead role="rowgroup">
          <tr role="row">
            {columns.map((column) => (
              <HeaderCell column={column} sort={sort} sortHref={sortHref} />
            ))}
            {menu && (
              <th class="table-menu" role="columnheader" scope="col">
                <span class="visually-hidden">Actions</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((row) => (
            <tr role={narrow === "stack" ? "row" : undefined} {...rowAttributes?.(row)}>
              {columns.map((column) => (
                <BodyCell column={column} row={row} isStacked={narrow === "stack"} />
              ))}
              {menu && (
                <td class="table-menu" role="cell">
                  {menu(row)}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function cellClass<Row>(column: Column<Row>): string | undefined {
  return classes(
    column.primary && "is-primary",
    column.align === "end" && "is-end",
    column.nowrap && "is-nowrap",
    column.action && "is-action",
  );
}

function HeaderCell<Row>({
  column,
  sort,
  sortHref,
}: { column: Column<Row> } & Pick<TableProps<Row>, "sort" | "sortHref">) {
  const sorted = sort?.key === column.key ? sort.direction : undefined;
  const next = sorted === "ascending" ? "descending" : "ascending";
  return (
    <th class={cellClass(column)} role="columnheader" scope="col" aria-sort={sorted}>
      {column.sortable && sortHref ? (
        <a class="sort-link" href={sortHref(column.key, next)}>
          {column.header}
          <Icon name={sorted === undefined ? "sort" : `sort-${sorted}`} size="small" />
        </a>
      ) : column.action ? (
        <span class="visually-hidden">{column.header}</span>
      ) : (
        column.header
      )}
    </th>
  );
}

/**
 * Rows that are stacked on narrow screens are no table to the browser any more, so their roles and headers are written out: long tables
 * do without.
 */
function BodyCell<Row>({ column, row, isStacked }: { column: Column<Row>; row: Row; isStacked: boolean }) {
  return column.primary ? (
    <th class={cellClass(column)} role={isStacked ? "rowheader" : undefined} scope="row">
      {column.cell(row)}
    </th>
  ) : (
    <td
      class={cellClass(column)}
      role={isStacked ? "cell" : undefined}
      data-label={isStacked && !column.action ? column.header : undefined}
    >
      {column.cell(row)}
    </td>
  );
}
