/**
 * Reads comma-separated values (RFC 4180), strictly: fields in quotes may hold commas, quotes (doubled) and line ends; outside of quotes a
 * quote stands for itself nowhere. Lines end with CRLF, LF or CR. A byte-order mark is skipped. The separator is the comma or, where the first
 * line holds a semicolon and no comma outside of quotes, the semicolon, as spreadsheets of many countries write it.
 */

/** One record, with the line on which it begins (from 1). */
export interface CsvRecord {
  line: number
  fields: string[]
}

/** What cannot be read, and where. */
export interface CsvFault {
  line: number
  /** From 1. */
  field: number
  kind: 'quoteOpen' | 'quoteWithin' | 'behindQuote'
}

/** All records, or the first fault. Lines without any sign are no records. */
export function csvRecords(text: string): { records: CsvRecord[]; fault: CsvFault | null } {
  const reader = new Reader(text.startsWith('\ufeff') ? text.slice(1) : text)
  return reader.read()
}

class Reader {
  readonly #text: string
  readonly #separator: ',' | ';'
  readonly #records: CsvRecord[] = []
  #fields: string[] = []
  #at = 0
  #line = 1
  #began = 1

  constructor(text: string) {
    this.#text = text
    this.#separator = separatorOf(text)
  }

  read(): { records: CsvRecord[]; fault: CsvFault | null } {
    while (this.#at < this.#text.length) {
      const kind = this.#text[this.#at] === '"' ? this.#quoted() : this.#plain()
      if (kind !== null) {
        const fault = { line: this.#line, field: this.#fields.length + 1, kind }
        return { records: this.#records, fault }
      }
      this.#afterField()
    }
    if (this.#fields.length > 0) this.#endRecord()
    return { records: this.#records, fault: null }
  }

  #plain(): CsvFault['kind'] | null {
    const begin = this.#at
    while (this.#at < this.#text.length && !this.#endsField(this.#text[this.#at]!)) {
      if (this.#text[this.#at] === '"') return 'quoteWithin'
      this.#at += 1
    }
    this.#fields.push(this.#text.slice(begin, this.#at))
    return null
  }

  #quoted(): CsvFault['kind'] | null {
    const opened = this.#line
    let value = ''
    for (;;) {
      const close = this.#text.indexOf('"', this.#at + 1)
      if (close < 0) {
        this.#line = opened
        return 'quoteOpen'
      }
      const part = this.#text.slice(this.#at + 1, close)
      value += part
      this.#line += part.split(/\r\n|\n|\r/).length - 1
      this.#at = close + 1
      if (this.#text[this.#at] !== '"') break
      value += '"'
    }
    const next = this.#text[this.#at]
    if (next !== undefined && !this.#endsField(next)) return 'behindQuote'
    this.#fields.push(value)
    return null
  }

  /** Goes over what ends a field; an end of a line ends the record too. */
  #afterField(): void {
    const sign = this.#text[this.#at]
    if (sign === undefined) return
    this.#at += 1
    if (sign === this.#separator) {
      // a separator at the very end has an empty field behind it
      if (this.#at === this.#text.length) this.#fields.push('')
      return
    }
    if (sign === '\r' && this.#text[this.#at] === '\n') this.#at += 1
    this.#endRecord()
    this.#line += 1
    this.#began = this.#line
  }

  #endRecord(): void {
    if (this.#fields.length > 1 || this.#fields[0] !== '')
      this.#records.push({ line: this.#began, fields: this.#fields })
    this.#fields = []
  }

  #endsField(sign: string): boolean {
    return sign === this.#separator || sign === '\n' || sign === '\r'
  }
}

function separatorOf(text: string): ',' | ';' {
  let quoted = false
  let semicolon = false
  for (const sign of text) {
    if (sign === '"') quoted = !quoted
    else if (quoted) continue
    else if (sign === ',') return ','
    else if (sign === ';') semicolon = true
    else if (sign === '\n' || sign === '\r') break
  }
  return semicolon ? ';' : ','
}
