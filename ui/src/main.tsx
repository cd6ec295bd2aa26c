import { render } from 'preact';
import { App } from './app';
import { applyTheme } from './preferences';
import { startRouter } from './router';
import './styles/tokens.css';
import './styles/base.css';
import './styles/shell.css';
import './styles/components.css';
import './styles/feedback.css';

applyTheme();
startRouter();
const place = document.getElementById('app');
if (place) {
  place.replaceChildren();
  render(<App />, place);
}
