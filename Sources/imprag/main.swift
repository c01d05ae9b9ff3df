print("imprag")
