import { controlAttributes, FieldFrame, type FieldProps } from "./field.tsx";
import { Icon } from "./icon.tsx";

export type FileFieldProps = FieldProps & {
  /** As in HTML: ".csv,.parquet". */
  accept?: string | undefined;
  multiple?: boolean | undefined;
  /** What the drop area says. */
  prompt?: string | undefined;
};

/** A file, chosen or dropped: the input itself fills the drop area, so dropping works without JavaScript. */
export function FileField({ accept, multiple, prompt = "Drop a file here, or choose one", ...field }: FileFieldProps) {
  return (
    <FieldFrame field={field}>
      <div class="drop">
        <Icon name="upload" size="large" />
        <span class="drop-prompt">{prompt}</span>
        <input class="drop-input" type="file" accept={accept} multiple={multiple} {...controlAttributes(field)} />
      </div>
    </FieldFrame>
  );
}

/** Where a form with data-upload shows how far the upload is. One per form, before its actions. */
export function UploadProgress() {
  return (
    <div class="upload" data-upload-status hidden>
      <progress class="upload-bar" max={100} value={0} aria-label="Upload" />
      <p class="upload-text" data-upload-text aria-live="polite" />
    </div>
  );
}
