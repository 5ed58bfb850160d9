"""The small languages found in manifests, one file each: text in, compiled function out; pure, importing nothing of ours."""
