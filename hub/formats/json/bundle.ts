/** An array of the documents of files that hold one each, also where it is one alone; what is between quotes has no line ends. */
export function bundleJson(files: readonly Buffer[]): Buffer {
  const items = files.map((bytes) => `  ${bytes.toString('utf8').trim().replaceAll('\n', '\n  ')}`)
  return Buffer.from(`[\n${items.join(',\n')}\n]\n`, 'utf8')
}
