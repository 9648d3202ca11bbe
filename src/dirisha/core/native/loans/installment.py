from dirisha.core.installments import Installment as Installment
from dirisha.core.installments import InstallmentKind as InstallmentKind
