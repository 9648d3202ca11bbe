from dirisha.core.parts import NOTHING as NOTHING
from dirisha.core.parts import Parts as Parts
