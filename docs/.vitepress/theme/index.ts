import type { Theme } from 'vitepress'
import DefaultTheme from 'vitepress/theme'
import LiveAnswer from './LiveAnswer.vue'
import LiveChat from './LiveChat.vue'
import LiveCompare from './LiveCompare.vue'
import LiveTask from './LiveTask.vue'
import LiveText from './LiveText.vue'
import './style.css'

export default {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    for (const [name, example] of Object.entries({ LiveAnswer, LiveChat, LiveCompare, LiveTask, LiveText })) {
      app.component(name, example)
    }
  },
} satisfies Theme
