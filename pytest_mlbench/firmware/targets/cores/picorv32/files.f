picorv32.v
