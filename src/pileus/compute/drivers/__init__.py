"""What makes compute real: base.py the protocol, fake.py without a machine, and the real one."""
