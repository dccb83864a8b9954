/** Recording a prompt in the browser. */
import { asWav } from './wav';

const TICK = 250;
const LONGEST = 300_000;

export class Microphone {
  /** Milliseconds since it began; undefined while it does not record. */
  taken = $state<number | undefined>();
  private recorder: MediaRecorder | undefined;

  /** Raises when the microphone may not be used. */
  async begin(ondone: (sound: Blob) => void): Promise<void> {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    const recorder = new MediaRecorder(stream);
    const parts: Blob[] = [];
    const began = performance.now();
    this.recorder = recorder;
    this.taken = 0;
    const timer = window.setInterval(() => {
      this.taken = performance.now() - began;
      if (this.taken > LONGEST) this.stop();
    }, TICK);
    recorder.ondataavailable = (event) => parts.push(event.data);
    recorder.onstop = () => {
      clearInterval(timer);
      for (const track of stream.getTracks()) track.stop();
      this.taken = undefined;
      if (parts.length) void asWav(new Blob(parts)).then(ondone);
    };
    recorder.start();
  }

  stop(): void {
    if (this.recorder?.state === 'recording') this.recorder.stop();
  }
}
