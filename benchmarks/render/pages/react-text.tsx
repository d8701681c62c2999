import { StreamText } from '@keepstream/react'
import { useAnswer } from './react-answer'
import { offerReact } from './react-page'

offerReact(useAnswer, (text) => <StreamText className="answer" text={text} />)
