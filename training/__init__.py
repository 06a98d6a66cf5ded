"""Trains the logo encoder that ships as detector/data/logo_encoder.onnx; see docs/logo-encoder.md.  Not part of the wheel.

``sets`` reads icon packages, ``prepare`` packs them, ``raster`` draws them, ``wordmarks`` invents lettering, ``scenes`` makes
grounds, ``augment`` and ``degrade`` do to a logo what phishers and browsers do, ``model`` and ``loss`` are the network and what
it is taught by, ``train`` is the command, ``validate`` its figures, ``export`` writes the ONNX file.
"""
