import './page.css';
import 'slack-blocks-to-jsx/dist/style.css';
import { createRoot } from 'react-dom/client';
import { Page } from './page.tsx';

const place = document.getElementById('page');
if (place) createRoot(place).render(<Page channel={new URLSearchParams(location.search).get('channel')} />);
