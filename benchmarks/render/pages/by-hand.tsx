import { useState } from 'react'
import { offerReact } from './react-page'
import { readTokens } from './read-tokens'

/** The hook that people write: state, and a loop that adds to it. */
offerReact((asked) => {
  const [text, setText] = useState('')
  const [over, setOver] = useState(false)
  async function begin() {
    for await (const token of readTokens(asked)) setText((before) => before + token)
    setOver(true)
  }
  return { text, begin, over }
})
