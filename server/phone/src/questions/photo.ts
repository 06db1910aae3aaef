// Makes a photo small enough for a slow network: JPEG, longest side at most the form's max-pixels.

const LONGEST = 1600;
const QUALITY = 0.82;

export async function shrink(file: Blob, maxPixels: number | null, name: string): Promise<File> {
  const picture = await createImageBitmap(file, { imageOrientation: 'from-image' });
  const { width, height } = fit(picture.width, picture.height, maxPixels ?? LONGEST);
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d');
  if (!context) throw new Error('no canvas');
  // JPEG has no transparency; a screenshot with holes would come out black.
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, width, height);
  context.drawImage(picture, 0, 0, width, height);
  picture.close();
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/jpeg', QUALITY));
  if (!blob) throw new Error('no picture');
  return new File([blob], `${name}.jpg`, { type: 'image/jpeg' });
}

export function fit(width: number, height: number, longest: number): { width: number; height: number } {
  const scale = Math.min(1, longest / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}
