import { ChatPage } from './chat/chat-page'
import { ComparePage } from './compare/compare-page'
import { LabPage } from './lab/lab-page'
import { LivePage } from './live/live-page'
import { Head } from './shell/head'
import { useLanguage } from './shell/use-language'
import { usePage } from './shell/use-page'
import { TaskPage } from './task/task-page'

const pages = { chat: ChatPage, compare: ComparePage, task: TaskPage, live: LivePage, lab: LabPage }

export function App() {
  const page = usePage()
  const { language, copy, choose } = useLanguage(page)
  const PageView = pages[page]
  return (
    <div className="page">
      <Head copy={copy} framework="react" page={page} language={language} onChoose={choose} />
      <PageView copy={copy} />
    </div>
  )
}
