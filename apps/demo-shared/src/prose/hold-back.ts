import remend from 'remend'

// A line of which only its marks are there: the next character says whether it is a fence, a rule, a list, a heading or a word.
const mark = /(^|\n)(?:[!-/:-@[-`{-~ \t]+|[ \t]*\d{1,9}[.)]?[ \t]*)$/

// The beginning of a mark in the middle of a line.
const opening = /(^|[\s(])[*_~`]{1,3}$/

// Where the last item of a list begins: nothing before it is open.
const lastItem = /^[\s\S]*\n(?=[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t])/

// A row of cells becomes a table with the line below it.
const tableHead = /(^|\n) {0,3}\|[^\n]*(?:\n[ \t|:-]*)?$/

/**
 * Markdown that is still being written, so that it can be shown: what is open is closed, a link without its address is its
 * words, and what may become anything waits for the next character. Otherwise marks would come and go with each word.
 */
export function holdBack(markdown: string): string {
  return closeUp(markdown.replace(tableHead, '$1').replace(mark, '$1'))
}

/** Markdown that breaks off: what is open is closed as well, and no word of it is held back. */
export function closeUp(markdown: string): string {
  const clear = markdown.replace(opening, '$1')
  const [before = ''] = lastItem.exec(clear) ?? []
  return before + complete(clear.slice(before.length))
}

const complete = (markdown: string): string =>
  remend(markdown, {
    linkMode: 'text-only',
    // What a reader sees while it is written is what stays: these would rewrite what is complete, too.
    comparisonOperators: false,
    singleTilde: false,
    htmlTags: false,
    katex: false,
  })
