#!/bin/sh
# export-torch.sh - what PyTorch says against what the exported net says, where PyTorch is installed. SPDX-License-Identifier: MIT
exec "$(dirname "$0")/export-check.sh" torch
