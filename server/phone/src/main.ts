import '../../pages/static/fonts.css';
import '../../pages/static/tokens.css';
import './styles/base.css';
import './styles/notices.css';
import './styles/cannot-fill.css';
import './styles/questions.css';
import './styles/screens.css';
import { createApp } from 'vue';
import App from './App.vue';
import { start } from './app';
import { registerShell } from './shell';

createApp(App).mount('#app');
void start();
void registerShell();
