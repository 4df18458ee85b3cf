import {
  anything,
  type Check,
  type Fields,
  integer,
  list,
  never,
  object,
  oneOf,
  string,
  UNLISTED_PASS,
  variant,
} from './check.ts';
import { richTextBlock } from './rich-text.ts';

// docs.slack.dev/reference/block-kit/blocks/table-block and data-table-block.

const word = string(Infinity, 1);
const cells = {
  raw_text: object({ 'text!': word }),
  raw_number: object({ 'value!': anything, text: word }),
  rich_text: richTextBlock,
};
const cell = variant(cells, UNLISTED_PASS);
const headerCell = variant(
  { ...cells, rich_text: never('the header row of a data_table cannot hold rich_text') },
  UNLISTED_PASS,
);

const column: Check = (value, ...rest) =>
  value === null || object({ align: oneOf('left', 'center', 'right') })(value, ...rest);

/** The inside of a table block. */
export const table: Fields = { 'rows!': list(row(cell, 0), 100), column_settings: list(column, 20, 0) };

/** The inside of a data_table block: a header row and up to 200 more, all of one width. */
export const dataTable: Fields = {
  'rows!': (value, at, name, report) => {
    list(anything, 201, 2)(value, at, name, report);
    if (!Array.isArray(value)) return;
    value.forEach((each: unknown, index) => {
      row(index > 0 ? cell : headerCell, 1)(each, `${at}/${index}`, 'data_table row', report);
      if (width(each) !== width(value[0]))
        report(`${at}/${index}`, `data_table row has ${width(each)} cells, the header ${width(value[0])}`);
    });
  },
  'caption!': word,
  page_size: integer(1, 100),
  row_header_column_index: integer(0),
};

function row(of: Check, min: number): Check {
  return (value, at, name, report) => list(of, 20, min)(value, at, `${name} cells`, report);
}

function width(value: unknown): number {
  return Array.isArray(value) ? value.length : 0;
}
