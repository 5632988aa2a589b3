"""Calibration of the synthetic national population to model §10: a repeatable procedure.

``python -m lwoopro.calibration`` fits the parameters marked ``calibrated``, derives the shares of
2012 and writes the residual table. It stands above all rooms: nothing imports it.
"""
