/*
 * Columns of many rows as one parameter each. The driver would quote every value of an array and write bytes as
 * hexadecimal digits, which costs more than the rest of an insert; these are in the form that PostgreSQL takes as it is.
 */

type Value<Row, Type> = (row: Row) => Type

/** Ids, for `$n::uuid[]`. They need no quoting. */
export function idColumn<Row>(rows: readonly Row[], pick: Value<Row, string | null>): string {
  let text = '{'
  for (const [at, row] of rows.entries()) text += (at === 0 ? '' : ',') + (pick(row) ?? 'null')
  return `${text}}`
}

/** Numbers and booleans, for `$n::int[]` and the like. */
export function numberColumn<Row>(rows: readonly Row[], pick: Value<Row, number | boolean | null>): string {
  let text = '{'
  for (const [at, row] of rows.entries()) text += (at === 0 ? '' : ',') + String(pick(row) ?? 'null')
  return `${text}}`
}

/** Bytes, for `$n::bytea[]`, in PostgreSQL's binary form of an array. */
export function bytesColumn<Row>(rows: readonly Row[], pick: Value<Row, Buffer | null>): Buffer {
  const values = rows.map(pick)
  const size = values.reduce((sum, value) => sum + 4 + (value?.length ?? 0), arrayHead)
  const array = beginArray(size, { type: byteaType, length: rows.length, nulls: values.includes(null) })
  let at = arrayHead
  for (const value of values) {
    at = array.writeInt32BE(value?.length ?? -1, at)
    if (value !== null) at += value.copy(array, at)
  }
  return array
}

/** Texts, for `$n::text[]`, in PostgreSQL's binary form of an array. */
export function textColumn<Row>(rows: readonly Row[], pick: Value<Row, string | null>): Buffer {
  const values = rows.map(pick)
  // a character is at most three bytes in UTF-8 for each of its units in JavaScript
  const most = values.reduce((sum, value) => sum + 4 + 3 * (value?.length ?? 0), arrayHead)
  const array = beginArray(most, { type: textType, length: rows.length, nulls: values.includes(null) })
  let at = arrayHead
  for (const value of values) {
    const length = value === null ? -1 : array.write(value, at + 4)
    array.writeInt32BE(length, at)
    at += 4 + Math.max(length, 0)
  }
  return array.subarray(0, at)
}

// pg_type.oid of the elements
const byteaType = 17
const textType = 25

/** Dimensions, whether there are nulls, type; then length and lower bound of the one dimension: array_recv of PostgreSQL. */
const arrayHead = 20

function beginArray(
  size: number,
  { type, length, nulls }: { type: number; length: number; nulls: boolean },
): Buffer {
  const array = Buffer.allocUnsafe(size)
  array.writeInt32BE(1, 0)
  array.writeInt32BE(nulls ? 1 : 0, 4)
  array.writeInt32BE(type, 8)
  array.writeInt32BE(length, 12)
  array.writeInt32BE(1, 16)
  return array
}
