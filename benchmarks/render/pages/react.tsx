import { keepstream, useStream } from '@keepstream/react'
import { offerReact } from './react-page'

offerReact((asked) => {
  const { data, status, start } = useStream({ url: `${asked.origin}/keepstream`, protocol: keepstream() })
  return { text: data.text, begin: () => start(asked), over: status === 'done' }
})
