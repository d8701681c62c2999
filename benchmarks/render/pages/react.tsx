import { useAnswer } from './react-answer'
import { offerReact } from './react-page'

offerReact(useAnswer)
