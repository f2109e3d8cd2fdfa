demo:
	@echo "to come"; false
