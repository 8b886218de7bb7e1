export { every as engine } from '../closures.ts';
