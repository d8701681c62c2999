import { type Theme, useData } from 'vitepress'
import DefaultTheme from 'vitepress/theme'
import { watchPostEffect } from 'vue'
import LiveAnswer from './LiveAnswer.vue'
import LiveChat from './LiveChat.vue'
import LiveCompare from './LiveCompare.vue'
import LiveTask from './LiveTask.vue'
import LiveText from './LiveText.vue'
import './style.css'

export default {
  extends: DefaultTheme,
  setup() {
    const { frontmatter } = useData()
    // The start page of VitePress has no landmark for its content; its other pages have one.
    watchPostEffect(() => {
      const content = document.getElementById('VPContent')
      if (frontmatter.value.layout === 'home') content?.setAttribute('role', 'main')
      else content?.removeAttribute('role')
    })
  },
  enhanceApp({ app }) {
    for (const [name, example] of Object.entries({ LiveAnswer, LiveChat, LiveCompare, LiveTask, LiveText })) {
      app.component(name, example)
    }
  },
} satisfies Theme
